'use client'
import { ScanBarcode, ScanLine } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { Key } from './key.tsx'
import classes from './station.module.css'
import type { WedgeText } from './use-wedge.ts'

type Props = {
  readonly wedge: WedgeText
  readonly hint: string
  readonly isBusy: boolean
  readonly onCamera: () => void
}

/** Where scanned codes appear. Keys reach it from everywhere, so it need not have the focus; a phone's keyboard needs it. */
export function ScanBar({ wedge, hint, isBusy, onCamera }: Props) {
  const t = useTranslations('station')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus({ preventScroll: true }), [])
  return (
    <form
      className={classes.scan}
      data-busy={isBusy || undefined}
      onSubmit={(event) => {
        event.preventDefault()
        wedge.end()
      }}
    >
      <ScanLine size={26} aria-hidden />
      <input
        ref={field}
        className={classes.scanField}
        aria-label={t('scan')}
        placeholder={hint}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        enterKeyHint="go"
        value={wedge.text}
        onChange={(event) => wedge.setText(event.currentTarget.value)}
      />
      <button type="button" className={classes.camera} onClick={onCamera}>
        <ScanBarcode size={22} aria-hidden />
        <span>{t('camera')}</span> <Key name="F9" />
      </button>
    </form>
  )
}
