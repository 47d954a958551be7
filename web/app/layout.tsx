import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/noto-sans-devanagari/wght.css'
import '@mantine/core/styles.css'
import '@mantine/dates/styles.css'
import '@mantine/notifications/styles.css'
import './tokens.css'
import type { Metadata, Viewport } from 'next'
import { type ReactNode, Suspense } from 'react'
import { Providers } from '../components/providers.tsx'

export const metadata: Metadata = {
  title: { default: 'SmartReturns', template: '%s · SmartReturns' },
  robots: { index: false },
}
export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f4f6f3' },
    { media: '(prefers-color-scheme: dark)', color: '#0f1412' },
  ],
}

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The theme script sets the scheme and the language before React takes over.
    <html lang="en" data-mantine-color-scheme="light" suppressHydrationWarning>
      <head>
        <script src="/theme.js" />
        <script src="/styles.js" />
      </head>
      <body>
        <Providers>
          <Suspense>{children}</Suspense>
        </Providers>
      </body>
    </html>
  )
}
