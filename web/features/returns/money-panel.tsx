'use client'
import { useTranslations } from 'use-intl'
import type { LedgerTransaction } from '../../../src/contracts/ledger.ts'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { About, Amount, Instant } from '../../components/amounts.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { Tag, type Tone } from '../../components/tag.tsx'
import { useTimeZone } from '../../lib/places.ts'
import { humanised } from '../../lib/words.ts'
import classes from './money-panel.module.css'

const tones: Readonly<Record<ReturnDetail['moneyState'], Tone>> = {
  none: 'neutral',
  previewed: 'neutral',
  due: 'info',
  instructed: 'info',
  confirmed: 'good',
  failed: 'bad',
}

export function MoneyPanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('money')
  const states = useTranslations('moneyState')
  const { expectedValue, realisedValue } = unit
  const expected = expectedValue ?? unit.recommendation?.value ?? null
  return (
    <Panel title={t('title')} aside={<Tag tone={tones[unit.moneyState]}>{states(unit.moneyState)}</Tag>}>
      {realisedValue === null ? null : (
        <div className={classes.hero} data-testid="realised">
          <span className={classes.big}>
            <Amount money={realisedValue} />
          </span>
          <span className={classes.soft}>{t('realised')}</span>
        </div>
      )}
      <Facts
        isLedger
        items={[
          [t('price'), unit.price === null ? null : <Amount key="p" money={unit.price} />],
          [t('refund'), unit.refund.amount === 0 ? null : <Amount key="r" money={unit.refund} />],
          [t('expected'), expected === null ? null : <About key="e" money={expected} />],
          [
            t('difference'),
            realisedValue === null || expectedValue === null ? null : (
              <Amount
                key="d"
                money={{
                  amount: realisedValue.amount - expectedValue.amount,
                  currency: realisedValue.currency,
                }}
                isSigned
              />
            ),
          ],
        ]}
      />
      {unit.ledger.length === 0 ? null : (
        <Disclosure label={t('entries')}>
          <Bookings unit={unit} ledger={unit.ledger} />
        </Disclosure>
      )}
    </Panel>
  )
}

const accounts = [
  'refunds_payable',
  'refunds_expense',
  'recovery_receivable',
  'recovery_income',
  'disposal_cost',
  'costs_payable',
] as const
type Account = (typeof accounts)[number]

function Bookings({ unit, ledger }: { unit: ReturnDetail; ledger: readonly LedgerTransaction[] }) {
  const t = useTranslations('money')
  const timeZone = useTimeZone(unit.hubId)
  return (
    <div className={classes.bookings}>
      {ledger.map((transaction) => (
        <div key={transaction.tx}>
          <div className={classes.soft}>
            {t(`cause.${transaction.cause}`)} · <Instant at={transaction.at} timeZone={timeZone} />
          </div>
          {transaction.entries.map(({ account, amount }) => (
            <div key={account} className={classes.entry}>
              <span>
                {accounts.includes(account as Account) ? t(`account.${account as Account}`) : humanised(account)}
              </span>
              <Amount money={amount} isSigned />
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}
