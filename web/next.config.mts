import path from 'node:path'
import type { NextConfig } from 'next'
import { env } from './lib/env.ts'

const config: NextConfig = {
  // The contracts live beside this folder, in the package above it.
  turbopack: { root: path.join(import.meta.dirname, '..') },
  reactStrictMode: true,
  poweredByHeader: false,
  agentRules: false,
  experimental: {
    agentUpgrade: false,
    optimizePackageImports: ['lucide-react', '@mantine/core', '@mantine/hooks'],
  },
  // Pictures are shown as they are stored; the optimizer would be a second, public image service.
  images: { unoptimized: true },
  rewrites: async () => [
    // One prerendered shell for every return: the id is read from the address in the browser, so that
    // the page's inline scripts are known at build time and the content security policy can name them.
    { source: '/returns/:id', destination: '/returns/item' },
    { source: '/hubs/:id', destination: '/hubs/item' },
    ...(env.gatewayUrl === null ? [] : [{ source: '/api/:path*', destination: `${env.gatewayUrl}/api/:path*` }]),
  ],
}

export default config
