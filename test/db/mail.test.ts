import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wordLetter } from '#integrations/mail/letters.ts'
import { forgetMail, openOutboxMail } from '#integrations/mail/outbox.ts'
import type { Letter } from '#integrations/mail/port.ts'
import { openTestIdentity } from '../support/identity.ts'

const link = 'https://returns.example.com/password#srl_secret'
const letter: Letter = { kind: 'password_reset', name: 'Asha K.', link, minutes: 60 }

test('a letter waits in the outbox, sealed, and goes with its transaction', async (t) => {
  const { ctx, vault } = await openTestIdentity(t)
  const mail = openOutboxMail({ db: ctx.db, sealing: vault, now: ctx.now })
  const expiresAt = new Date(ctx.now() + 3_600_000)
  const message = { to: 'asha@example.com', letter, expiresAt }
  await ctx.db.transaction((tx) => mail.send(tx, [message, { ...message, to: 'ravi@example.com' }]))
  await assert.rejects(
    ctx.db.transaction(async (tx) => {
      await mail.send(tx, [{ ...message, to: 'nobody@example.com' }])
      throw new Error('the command failed')
    }),
  )
  const waiting = await mail.waiting(10)
  assert.deepEqual(
    waiting.map(({ to }) => to),
    ['asha@example.com', 'ravi@example.com'],
  )
  assert.ok(waiting[0]!.text.includes(link) && waiting[0]!.text.includes('Asha K.'))
  const stored = JSON.stringify(await ctx.db.query('select recipient_sealed, body from outbox'))
  for (const word of ['asha@', 'Asha', 'srl_secret']) assert.equal(stored.includes(word), false, word)

  // A sealed text that was moved to another row does not open.
  await ctx.db.query(
    `update outbox set recipient_sealed = (select recipient_sealed from outbox o where o.id <> outbox.id limit 1)`,
  )
  await assert.rejects(mail.waiting(10))

  await forgetMail(ctx.db, new Date(expiresAt.getTime() - 1))
  assert.equal((await ctx.db.query('select 1 from outbox')).length, 2)
  ctx.clock.ms = expiresAt.getTime()
  assert.deepEqual(await mail.waiting(10), [], 'too late to be sent')
  await forgetMail(ctx.db, expiresAt)
  assert.equal((await ctx.db.query('select 1 from outbox')).length, 0)
})

test('every letter is worded in both languages and names its reader', () => {
  const letters: Letter[] = [
    letter,
    { kind: 'invitation', name: 'Asha K.', link, days: 7 },
    ...(['password_changed', 'second_factor_set', 'second_factor_removed'] as const).map((kind) => ({
      kind,
      name: 'Asha K.',
    })),
  ]
  const subjects = letters.map((one) => {
    const { subject, text } = wordLetter(one)
    assert.equal(text.split('Asha K.').length, 3, text)
    if ('link' in one) assert.equal(text.split(link).length, 3)
    assert.match(subject, /[a-z].* · .*[\u0900-\u097f]/)
    return subject
  })
  assert.equal(new Set(subjects).size, letters.length)
})
