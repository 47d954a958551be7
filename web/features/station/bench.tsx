'use client'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { useTranslations } from 'use-intl'
import { Actions, AdvicePanel } from './decision-panel.tsx'
import { Key } from './key.tsx'
import { CameraDialog, ChangeDialog } from './lazy.ts'
import { MessageStrip } from './message-strip.tsx'
import type { OutboxState } from './outbox.ts'
import { Picks } from './picks.tsx'
import { RubricPanel } from './rubric-panel.tsx'
import { ScanBar } from './scan-bar.tsx'
import { useBenchSettings } from './settings.ts'
import type { Station } from './station.ts'
import classes from './station.module.css'
import { UnitPanel } from './unit-panel.tsx'
import { useWedge } from './use-wedge.ts'

/** The work at the bench: one field to scan into, one card, one row of big buttons. */
export function Bench({ station, counts, timeZone }: { station: Station; counts: OutboxState; timeZone: string }) {
  const t = useTranslations('station')
  const { bench, hand } = useBenchSettings()
  const state = useSyncExternalStore(station.subscribe, station.state, station.state)
  const wedge = useWedge(station.scan)
  useFunctionKeys(station)
  const { card } = state
  const onCode = useCallback(
    (text: string) => {
      station.closeCamera()
      station.scan({ text, source: 'camera' })
    },
    [station],
  )
  const hint = bench === null ? t('hintBench') : card === null ? t('hintItem') : t('hintNext')
  return (
    <div className={classes.bench} data-hand={hand} data-step={card?.step ?? 'idle'}>
      <ScanBar wedge={wedge} hint={hint} isBusy={state.isLooking} onCamera={() => station.openCamera('scan')} />
      <MessageStrip message={state.message} timeZone={timeZone} />
      <div className={classes.stage}>
        {card === null ? (
          <>
            <Picks state={state} station={station} timeZone={timeZone} />
            {state.matches.length === 0 && state.elsewhere === null ? (
              <Idle station={station} bench={bench} location={state.location} isLooking={state.isLooking} />
            ) : null}
          </>
        ) : (
          <>
            <UnitPanel card={card} />
            {card.step === 'grade' ? <RubricPanel card={card} station={station} /> : null}
            {card.step === 'checking' ? (
              <p className={classes.checking} role="status">
                {t('checking')}
              </p>
            ) : null}
            <AdvicePanel card={card} isWhyOpen={state.isWhyOpen} station={station} />
            <Actions card={card} station={station} />
          </>
        )}
      </div>
      <footer className={classes.foot}>
        <span>{t(`step.${card?.step ?? 'idle'}`)}</span>
        {counts.line === 'offline' ? <strong className={classes.offline}>{t('offlineHint')}</strong> : null}
        {state.undo !== null && card === null ? (
          <UndoButton untilMs={state.undo.untilMs} lpn={state.undo.card.unit.lpn} onUndo={() => void station.undo()} />
        ) : card === null ? null : (
          <button type="button" className={classes.quiet} onClick={station.putAside}>
            {t('putAside')} <Key name="Esc" />
          </button>
        )}
      </footer>
      {card !== null && state.dialog !== null ? (
        <ChangeDialog card={card} kind={state.dialog} station={station} onClose={station.putAside} />
      ) : null}
      {state.camera === null ? null : (
        <CameraDialog
          kind={state.camera}
          onClose={station.closeCamera}
          onCode={onCode}
          onPhoto={(photo) => {
            station.closeCamera()
            void station.addPhoto(photo, null)
          }}
        />
      )}
    </div>
  )
}

type IdleProps = { station: Station; bench: string | null; location: string | null; isLooking: boolean }

function Idle({ station, bench, location, isLooking }: IdleProps) {
  const t = useTranslations('station')
  const state = station.state()
  if (isLooking) return <p className={classes.checking}>{t('looking')}</p>
  return (
    <div className={classes.idle}>
      <h1>{bench === null ? t('noBenchTitle') : t('ready')}</h1>
      <p>{bench === null ? t('noBenchText') : t('readyText')}</p>
      <dl>
        {location === null ? null : (
          <div>
            <dt>{t('place')}</dt>
            <dd className="code">{location}</dd>
          </div>
        )}
        {state.last === null ? null : (
          <div>
            <dt>{t('last')}</dt>
            <dd className="code">{state.last}</dd>
          </div>
        )}
      </dl>
    </div>
  )
}

/** Ten seconds are shown as they pass. */
function UndoButton({ untilMs, lpn, onUndo }: { untilMs: number; lpn: string; onUndo: () => void }) {
  const t = useTranslations('station')
  const [left, setLeft] = useState(10)
  useEffect(() => {
    const look = () => setLeft(Math.max(0, Math.ceil((untilMs - Date.now()) / 1000)))
    look()
    const timer = setInterval(look, 250)
    return () => clearInterval(timer)
  }, [untilMs])
  return (
    <button type="button" className={classes.undo} onClick={onUndo}>
      {t('undo', { lpn })} <span className="num">{t('seconds', { count: left })}</span> <Key name="Esc" />
    </button>
  )
}

/** Letters and digits come from the scanner: only these keys are commands here. */
function useFunctionKeys(station: Station): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      // What lies over the bench has an Escape of its own.
      if (document.querySelector('[role="dialog"]') !== null) return
      const { elsewhere, matches } = station.state()
      if (run(event.key, station, { elsewhere: elsewhere !== null, matches })) event.preventDefault()
    }
    // Before the dialogs' own listeners, which take them away.
    window.addEventListener('keydown', press, { capture: true })
    return () => window.removeEventListener('keydown', press, { capture: true })
  }, [station])
}

type Shown = { readonly elsewhere: boolean; readonly matches: ReturnType<Station['state']>['matches'] }

function run(key: string, station: Station, { elsewhere, matches }: Shown): boolean {
  const place = { F2: 1, F3: 2, F4: 3, F5: 4 }[key]
  if (place !== undefined) {
    const match = matches[place - 1]
    if (match === undefined) station.answerAt(place)
    else station.pick(match)
    return true
  }
  const commands: Readonly<Record<string, () => unknown>> = {
    F1: station.toggleWhy,
    F6: elsewhere ? station.takeHere : () => station.accept(),
    F7: () => station.openDialog('change'),
    F8: () => station.openCamera('photo'),
    F9: () => station.openCamera('scan'),
    F10: () => station.openDialog('hold'),
    Escape: station.putAside,
  }
  const command = commands[key]
  command?.()
  return command !== undefined
}
