'use client'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import { type ReactNode, useState } from 'react'
import { isTransient } from '../lib/api.ts'
import { LanguageProvider } from '../lib/i18n.tsx'
import { cssVariables, theme } from '../lib/theme.ts'

const colorScheme = localStorageColorSchemeManager({ key: 'smartreturns-theme' })
const readAttemptsMax = 3

export function Providers({ children }: { children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: 10_000,
            retry: (failures, error) => failures < readAttemptsMax - 1 && isTransient(error),
            refetchOnWindowFocus: true,
          },
        },
      }),
  )
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colorScheme}
      defaultColorScheme="auto"
    >
      <NuqsAdapter>
        <QueryClientProvider client={queries}>
          <LanguageProvider>
            <ModalsProvider>
              <Notifications position="bottom-right" autoClose={5000} limit={3} />
              {children}
            </ModalsProvider>
          </LanguageProvider>
        </QueryClientProvider>
      </NuqsAdapter>
    </MantineProvider>
  )
}
