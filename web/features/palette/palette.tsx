'use client'
import '@mantine/spotlight/styles.css'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { PackageSearch, Play, Search } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { NavItem } from '../../components/nav.ts'
import { useFindReturn } from '../returns/use-find-return.ts'
import { actionsHere } from './actions-here.ts'

const [store, spotlight] = createSpotlight()
/** Shorter texts are no code. */
const codeCharsMin = 3

/** One field for everything: a place, an action of this page, a return by any code of its. */
export function Palette({ places, onClose }: { places: readonly NavItem[]; onClose: () => void }) {
  const t = useTranslations()
  const router = useRouter()
  const find = useFindReturn(onClose)
  const [text, setText] = useState('')
  // Those of the page as it was when the palette opened.
  const [actions] = useState(actionsHere)
  useEffect(() => {
    spotlight.open()
    return spotlight.close
  }, [])
  const asked = text.trim()
  const holds = (label: string) => label.toLocaleLowerCase().includes(asked.toLocaleLowerCase())
  const shownPlaces = places.filter(({ name }) => holds(t(`nav.${name}`)))
  const shownActions = actions.filter(({ label }) => holds(label))
  return (
    <Spotlight.Root
      store={store}
      shortcut={null}
      query={text}
      onQueryChange={setText}
      onSpotlightClose={onClose}
      closeOnActionTrigger={false}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        // The dialog takes no name from outside.
        ref={(field) => field?.closest('[role="dialog"]')?.setAttribute('aria-label', t('keyboard.palette'))}
        placeholder={t('keyboard.hint')}
        aria-label={t('keyboard.palette')}
        leftSection={<Search size={20} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {shownActions.length === 0 ? null : (
          <Spotlight.ActionsGroup label={t('keyboard.now')}>
            {shownActions.map(({ label, run }) => (
              <Spotlight.Action
                key={label}
                label={label}
                leftSection={<Play size={18} aria-hidden />}
                onClick={() => {
                  onClose()
                  run()
                }}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {shownPlaces.length === 0 ? null : (
          <Spotlight.ActionsGroup label={t('keyboard.goTo')}>
            {shownPlaces.map(({ href, name, icon: Icon }) => (
              <Spotlight.Action
                key={href}
                label={t(`nav.${name}`)}
                leftSection={<Icon size={18} aria-hidden />}
                onClick={() => {
                  onClose()
                  router.push(href)
                }}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {asked.length < codeCharsMin ? null : (
          <Spotlight.ActionsGroup label={t('keyboard.finding')}>
            <Spotlight.Action
              label={t('keyboard.find', { code: asked })}
              leftSection={<PackageSearch size={18} aria-hidden />}
              onClick={() => find.mutate(asked)}
            />
          </Spotlight.ActionsGroup>
        )}
        {shownPlaces.length + shownActions.length === 0 && asked.length < codeCharsMin ? (
          <Spotlight.Empty>{t('keyboard.nothing')}</Spotlight.Empty>
        ) : null}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}
