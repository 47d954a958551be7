'use client'
import { Modal, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { overrideReasons } from '../../../src/contracts/code-lists.ts'
import type { Disposition } from '../../../src/contracts/codes.ts'
import { dispositionLooks } from '../../components/code-tags.tsx'
import { formatAbout } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { adviceOf, type Card } from './card.ts'
import type { Station } from './station.ts'
import classes from './station.module.css'

type Props = {
  readonly card: Card
  readonly kind: 'change' | 'hold'
  readonly station: Station
  readonly onClose: () => void
}
type Route = { readonly disposition: Disposition; readonly channel: string | null; readonly worthMinor: number | null }

/** Another choice than the advice: which, and why. Two presses; the note is for what the reasons do not say. */
export function ChangeDialog({ card, kind, station, onClose }: Props) {
  const t = useTranslations()
  const [chosen, setChosen] = useState<Route | null>(
    kind === 'hold' ? { disposition: 'hold', channel: null, worthMinor: null } : null,
  )
  const [note, setNote] = useState('')
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={kind === 'hold' ? t('station.holdTitle') : t('station.changeTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {chosen === null ? (
        <Routes card={card} onChoose={setChosen} />
      ) : (
        <div className={classes.dialog}>
          {kind === 'hold' ? null : (
            <p>
              <strong>{t(`disposition.${chosen.disposition}`)}</strong>
            </p>
          )}
          <fieldset className={classes.question}>
            <legend>{t('station.reason')}</legend>
            <div className={classes.choices}>
              {overrideReasons.map((reasonCode, i) => (
                <button
                  key={reasonCode}
                  type="button"
                  className={classes.choice}
                  data-autofocus={i === 0 || undefined}
                  onClick={() => {
                    const { disposition, channel } = chosen
                    void station.decide({ disposition, channel, reasonCode, note, locationCode: null })
                  }}
                >
                  {t(`override.${reasonCode}`)}
                </button>
              ))}
            </div>
          </fieldset>
          <Textarea
            data-freetext
            label={t('station.noteFirst')}
            maxLength={2000}
            autosize
            minRows={1}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </div>
      )}
    </Modal>
  )
}

function Routes({ card, onChoose }: { card: Card; onChoose: (route: Route) => void }) {
  const t = useTranslations()
  const { language } = useLanguage()
  const advice = adviceOf(card)
  const made = card.detail?.recommendationDetail ?? null
  const best = made?.options.find((one) => one.disposition === advice?.disposition)
  const options = (made?.options ?? []).filter(
    (one, i, all) =>
      one.disposition !== advice?.disposition && all.findIndex((other) => other.disposition === one.disposition) === i,
  )
  const routes: Route[] = [
    ...options.map(({ disposition, channel, value }) => ({ disposition, channel, worthMinor: value.mean })),
    { disposition: 'return_to_customer', channel: null, worthMinor: null },
    { disposition: 'hold', channel: null, worthMinor: null },
  ]
  return (
    <div className={classes.dialog}>
      {made === null ? <p className={classes.soft}>{t('station.optionsLater')}</p> : null}
      <div className={classes.choices}>
        {routes.map((route, i) => {
          const Icon = dispositionLooks[route.disposition].icon
          const cost = route.worthMinor === null || best === undefined ? null : route.worthMinor - best.value.mean
          return (
            <button
              key={route.disposition}
              type="button"
              className={classes.choice}
              data-autofocus={i === 0 || undefined}
              onClick={() => onChoose(route)}
            >
              <Icon size={20} aria-hidden />
              <span>{t(`disposition.${route.disposition}`)}</span>
              {cost === null || made === null ? null : (
                <small className="num">
                  {t('station.against', {
                    amount: formatAbout(language, { amount: cost, currency: made.currency }, true),
                  })}
                </small>
              )}
            </button>
          )
        })}
      </div>
    </div>
  )
}
