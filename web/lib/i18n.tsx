'use client'
import type accessEnglish from '../messages/access.en.json'
import type adminEnglish from '../messages/admin.en.json'
import type analyticsEnglish from '../messages/analytics.en.json'
import type importsEnglish from '../messages/imports.en.json'
import type hubsEnglish from '../messages/hubs.en.json'
import type modelsEnglish from '../messages/models.en.json'
import type jobsEnglish from '../messages/jobs.en.json'
import type policiesEnglish from '../messages/policies.en.json'
import type stationEnglish from '../messages/station.en.json'
import { IntlProvider } from 'use-intl'
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { ReactNode } from 'react'
import english from '../messages/en.json' with { type: 'json' }
import type { Language } from './format.ts'
import { defaultTimeZone } from './format.ts'
import { type ReferenceTable, referenceWords } from './reference.ts'

/** Those of the station, of the figures, of hubs, and of users and keys are added by their own pages. */
/** Those of the station, of the figures, of users and keys, and of jobs are added by their own pages. */
export type Messages = typeof english & {
  readonly station: typeof stationEnglish
  readonly analytics: typeof analyticsEnglish
  readonly access: typeof accessEnglish
  readonly imports: typeof importsEnglish
  readonly hubs: typeof hubsEnglish
  readonly models: typeof modelsEnglish
  readonly jobs: typeof jobsEnglish
  readonly admin: typeof adminEnglish
  readonly policies: typeof policiesEnglish
}

declare module 'use-intl' {
  // An interface is what the library merges with.
  // oxlint-disable-next-line typescript/consistent-type-definitions
  interface AppConfig {
    Messages: Messages
    Locale: Language
  }
}

const storageKey = 'smartreturns-language'
const changed = new EventTarget()

function storedLanguage(): Language {
  try {
    return localStorage.getItem(storageKey) === 'hi' ? 'hi' : 'en'
  } catch {
    return memory
  }
}
let memory: Language = 'en'

function setLanguage(language: Language): void {
  memory = language
  try {
    localStorage.setItem(storageKey, language)
  } catch {
    // Storage is refused in some private windows: the choice then lasts as long as the page.
  }
  changed.dispatchEvent(new Event('change'))
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener('change', listener)
  window.addEventListener('storage', listener)
  return () => {
    changed.removeEventListener('change', listener)
    window.removeEventListener('storage', listener)
  }
}

const noTable: ReferenceTable = {}
/** Reference data by its English text; empty in English. */
const ReferenceContext = createContext<ReferenceTable>(noTable)

const LanguageContext = createContext<{ language: Language; setLanguage: (language: Language) => void }>({
  language: 'en',
  setLanguage,
})

/** The language is client state: pages are prerendered in English and change when the browser prefers Hindi. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const wanted = useSyncExternalStore<Language>(subscribe, storedLanguage, () => 'en')
  const [hindi, setHindi] = useState<{ messages: typeof english; reference: ReferenceTable } | null>(null)
  useEffect(() => {
    if (wanted === 'hi' && hindi === null) {
      void Promise.all([import('../messages/hi.json'), import('../messages/reference.hi.json')]).then(
        ([messages, reference]) => setHindi({ messages: messages.default, reference: reference.default }),
      )
    }
  }, [wanted, hindi])
  const language: Language = wanted === 'hi' && hindi !== null ? 'hi' : 'en'
  useEffect(() => {
    document.documentElement.lang = wanted
  }, [wanted])
  const value = useMemo(() => ({ language, setLanguage }), [language])
  return (
    <LanguageContext value={value}>
      <IntlProvider
        locale={language}
        messages={language === 'hi' && hindi !== null ? hindi.messages : english}
        timeZone={defaultTimeZone}
      >
        <ReferenceContext value={language === 'hi' && hindi !== null ? hindi.reference : noTable}>
          {children}
        </ReferenceContext>
      </IntlProvider>
    </LanguageContext>
  )
}

/** Names and sentences of the reference data in the reader's language. */
export function useReference(): (text: string) => string {
  const table = useContext(ReferenceContext)
  return useMemo(() => referenceWords(table), [table])
}

export function useLanguage() {
  return useContext(LanguageContext)
}
