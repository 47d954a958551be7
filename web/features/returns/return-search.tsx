'use client'
import { Loader, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useFindReturn } from './use-find-return.ts'

/** A code opens its return; anything else is looked for in the titles. */
export function ReturnSearch() {
  const t = useTranslations('top')
  const [text, setText] = useState('')
  const find = useFindReturn(() => setText(''))
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() !== '') find.mutate(text.trim())
      }}
    >
      <TextInput
        type="search"
        aria-label={t('search')}
        placeholder={t('searchHint')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        leftSection={find.isPending ? <Loader size={16} /> : <Search size={18} aria-hidden />}
        maxLength={200}
      />
    </form>
  )
}
