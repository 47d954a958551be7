'use client'
import { Loader, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useProblemText } from '../../components/problem-note.tsx'
import { useTell } from '../../lib/tell.ts'
import { resolveCode } from './api.ts'

/** A code opens its return; anything else is looked for in the titles. */
export function ReturnSearch() {
  const t = useTranslations('top')
  const router = useRouter()
  const tell = useTell()
  const wordProblem = useProblemText()
  const [text, setText] = useState('')
  const find = useMutation({
    mutationFn: resolveCode,
    onSuccess: (answer, code) => {
      const [first, ...others] = answer.returns
      setText('')
      if (first !== undefined && others.length === 0) return router.push(`/returns/${first.id}`)
      if (first !== undefined && answer.kind === 'rma')
        return router.push(`/returns?rma=${encodeURIComponent(first.rmaNumber)}`)
      return router.push(`/returns?q=${encodeURIComponent(code)}`)
    },
    onError: (error) => {
      const { title, detail } = wordProblem(error)
      tell.failed(title, detail)
    },
  })
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
