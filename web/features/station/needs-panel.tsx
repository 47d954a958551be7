'use client'
import { Button, Drawer } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Instant } from '../../components/amounts.tsx'
import { Tag } from '../../components/tag.tsx'
import type { Outbox, OutboxState } from './outbox.ts'
import type { NeedsYou, StationCommand } from './queue.ts'
import type { Station } from './station.ts'
import classes from './station.module.css'
import { drop, dropPhotos, keepCommands, readAll, type WaitingLabel } from './store.ts'
import { localPhotosIn } from './queue.ts'

type Props = {
  readonly outbox: Outbox
  readonly counts: OutboxState
  readonly userId: string
  readonly timeZone: string
  readonly station: Station
  readonly onClose: () => void
}

/** What was accepted without a line is not what is advised, or not even possible, now that the unit is graded. */
const goneCodes = ['reason_code_missing', 'excluded_by_rule', 'not_an_option']
const isAdviceGone = ({ commands, problem }: NeedsYou) =>
  commands[0]?.kind === 'decide' && goneCodes.includes(problem.code)

/** Everything of this device that is not done: what waits for the line, and what a person must settle. Nothing leaves it unseen. */
export function NeedsPanel({ outbox, counts, userId, timeZone, station, onClose }: Props) {
  const t = useTranslations('station')
  const [rows, setRows] = useState<{
    waiting: StationCommand[]
    needs: NeedsYou[]
    labels: WaitingLabel[]
    others: number
  }>({
    waiting: [],
    needs: [],
    labels: [],
    others: 0,
  })
  const reread = useCallback(async () => {
    const [waiting, needs, labels] = await Promise.all([readAll('commands'), readAll('needs'), readAll('labels')])
    const isMine = (one: { userId: string }) => one.userId === userId
    setRows({
      waiting: waiting.filter(isMine),
      needs: needs.filter(isMine),
      labels,
      others: waiting.filter((one) => !isMine(one)).length + needs.filter((one) => !isMine(one)).length,
    })
  }, [userId])
  useEffect(() => void reread(), [reread, counts])

  const sendAgain = async (one: NeedsYou) => {
    // A defect on the other side may have been done all the same: only then the old key is kept.
    const isSame = one.problem.status >= 500
    // Somebody else took it in: what was done with it here can still be sent.
    const isIn = one.problem.code === 'already_received'
    const commands = one.commands.filter(({ kind }) => !(isIn && kind === 'receive'))
    await keepCommands(
      commands.map((command) => ({
        ...command,
        ifVersion: isSame ? command.ifVersion : null,
        idempotencyKey: isSame ? command.idempotencyKey : crypto.randomUUID(),
      })),
    )
    await settle(one, false)
    outbox.kick()
  }
  const takeAdvice = async (one: NeedsYou) => {
    const [{ deviceSeq: _, ...command }] = one.commands as [StationCommand, ...StationCommand[]]
    await keepCommands([{ ...command, body: {}, ifVersion: null, idempotencyKey: crypto.randomUUID() }])
    await settle(one, false)
    outbox.kick()
  }
  const settle = async (one: NeedsYou, isGivenUp: boolean) => {
    await drop('needs', one.id)
    if (isGivenUp) await dropPhotos(one.commands.flatMap(({ body }) => localPhotosIn(body)))
    await outbox.recount()
    await reread()
  }

  const isEmpty = rows.waiting.length + rows.needs.length + rows.labels.length + rows.others === 0
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={t('queue')}
      closeButtonProps={{ 'aria-label': t('close') }}
      // A header inside a drawer is no banner of the page.
      attributes={{ header: { role: 'none' } }}
    >
      <div className={classes.queue}>
        {isEmpty ? <p className={classes.soft}>{t('queueEmpty')}</p> : null}
        {rows.needs.length === 0 ? null : <h2>{t('needsYou', { count: rows.needs.length })}</h2>}
        {rows.needs.map((one) => (
          <article key={one.id} className={classes.needs} data-testid="needs">
            <header>
              <strong>{one.title}</strong> <span className="code">{one.lpn}</span>
              <Instant at={one.at} timeZone={timeZone} />
            </header>
            <p>
              {one.commands.map((command) => (
                <Tag key={command.idempotencyKey} tone="bad">
                  {t(`command.${command.kind}`)}
                </Tag>
              ))}
            </p>
            <p>{isAdviceGone(one) ? t('adviceChanged') : one.problem.detail}</p>
            <div className={classes.row}>
              {isAdviceGone(one) ? (
                <Button onClick={() => void takeAdvice(one)}>{t('takeAdvice')}</Button>
              ) : (
                <Button onClick={() => void sendAgain(one)}>{t('sendAgain')}</Button>
              )}
              <Button variant="default" component="a" href={`/returns/${one.unitId}`} target="_blank">
                {t('openUnit')}
              </Button>
              <Button variant="subtle" color="red" onClick={() => void settle(one, true)}>
                {t('settled')}
              </Button>
            </div>
          </article>
        ))}
        {rows.labels.length === 0 ? null : <h2>{t('labels')}</h2>}
        {rows.labels.map(({ unitId, lpn, title }) => (
          <div key={unitId} className={classes.waiting}>
            <span>
              {title} <span className="code">{lpn}</span>
            </span>
            <Button variant="default" onClick={() => void station.print(unitId).then(reread)}>
              {t('print')}
            </Button>
          </div>
        ))}
        {rows.waiting.length === 0 ? null : (
          <>
            <h2>{t('waitingCount', { count: rows.waiting.length })}</h2>
            <Button variant="default" onClick={outbox.kick}>
              {t('sendNow')}
            </Button>
          </>
        )}
        {rows.waiting.map((command) => (
          <div key={command.deviceSeq} className={classes.waiting}>
            <span>
              {t(`command.${command.kind}`)} <span className="code">{command.lpn}</span>
            </span>
            <Instant at={command.at} timeZone={timeZone} />
          </div>
        ))}
        {rows.others === 0 ? null : <p className={classes.soft}>{t('othersWait', { count: rows.others })}</p>}
      </div>
    </Drawer>
  )
}
