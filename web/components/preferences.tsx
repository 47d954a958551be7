'use client'
import { ActionIcon, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { Check, Languages, Moon, Sun } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { languages, type Language } from '../lib/format.ts'
import { useLanguage } from '../lib/i18n.tsx'

/** Each language is named in itself. */
const names: Readonly<Record<Language, string>> = { en: 'English', hi: 'हिन्दी' }

export function LanguageMenu() {
  const t = useTranslations('top')
  const { language, setLanguage } = useLanguage()
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label={t('language')}>
          <ActionIcon aria-label={t('language')}>
            <Languages size={20} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map((one) => (
          <Menu.Item
            key={one}
            lang={one}
            leftSection={<Check size={16} opacity={one === language ? 1 : 0} />}
            onClick={() => setLanguage(one)}
          >
            {names[one]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

export function ThemeSwitch() {
  const t = useTranslations('top')
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: true })
  const isMounted = useMounted()
  const isDark = isMounted && scheme === 'dark'
  const label = isDark ? t('toLight') : t('toDark')
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
        {isDark ? <Sun size={20} /> : <Moon size={20} />}
      </ActionIcon>
    </Tooltip>
  )
}
