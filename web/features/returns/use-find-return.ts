'use client'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useProblemText } from '../../components/problem-note.tsx'
import { useTell } from '../../lib/tell.ts'
import { resolveCode } from './api.ts'

/** Goes to the return of a code, to the units of an RMA, or to the list of titles that hold the text. */
export function useFindReturn(onFound: () => void) {
  const router = useRouter()
  const tell = useTell()
  const wordProblem = useProblemText()
  return useMutation({
    mutationFn: resolveCode,
    onSuccess: (answer, code) => {
      const [first, ...others] = answer.returns
      onFound()
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
}
