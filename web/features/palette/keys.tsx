'use client'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { placesOf } from '../../components/nav.ts'
import { useMe } from '../../lib/session.ts'

// Few open them: nobody else carries their code.
const Palette = dynamic(() => import('./palette.tsx').then((file) => file.Palette), { ssr: false })
const KeyList = dynamic(() => import('./key-list.tsx').then((file) => file.KeyList), { ssr: false })

/** How long after `g` the letter of a place may come. */
const letterWithinMs = 1500

/** `Ctrl+K` opens the palette, `?` the list of keys, `g` and a letter goes to a place. Silent while somebody types. */
export function Keys() {
  const me = useMe()
  const router = useRouter()
  const [shown, setShown] = useState<'palette' | 'keys' | null>(null)
  const goAt = useRef(Number.NEGATIVE_INFINITY)
  const places = placesOf(me.data)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setShown((now) => (now === 'palette' ? null : 'palette'))
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === '?') return setShown('keys')
      if (event.key === 'g') {
        goAt.current = event.timeStamp
        return
      }
      const isLetterOfPlace = event.timeStamp - goAt.current < letterWithinMs
      goAt.current = Number.NEGATIVE_INFINITY
      const place = isLetterOfPlace ? places.find(({ letter }) => letter === event.key) : undefined
      if (place !== undefined) router.push(place.href)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [places, router])
  const close = () => setShown(null)
  return (
    <>
      {shown === 'palette' ? <Palette places={places} onClose={close} /> : null}
      {shown === 'keys' ? <KeyList places={places} onClose={close} /> : null}
    </>
  )
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"], [role="listbox"]') !== null)
  )
}
