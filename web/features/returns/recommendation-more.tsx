'use client'
import { useTranslations } from 'use-intl'
import { grades } from '../../../src/contracts/code-lists.ts'
import type { Recommendation } from '../../../src/contracts/returns.ts'
import { Disclosure } from '../../components/disclosure.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatShare } from '../../lib/format.ts'
import { useLanguage, useReference } from '../../lib/i18n.tsx'
import { humanised } from '../../lib/words.ts'
import { useChannelName } from '../../lib/code-words.ts'
import classes from './recommendation-panel.module.css'

/** Routes that rules rule out, each with the rule's own sentence. */
export function Exclusions({ made }: { made: Recommendation }) {
  const channel = useChannelName()
  const t = useTranslations('recommendation')
  const names = useTranslations('disposition')
  const word = useReference()
  if (made.excluded.length === 0) return null
  return (
    <Disclosure label={t('excludedCount', { count: made.excluded.length })}>
      <ul className={classes.excluded}>
        {made.excluded.map((exclusion) => (
          <li key={`${exclusion.disposition} ${exclusion.channel} ${exclusion.rule}`}>
            <span>
              {names(exclusion.disposition)}
              <span className={classes.small}>
                {exclusion.channel === null ? t('allChannels') : channel(exclusion.channel)}
              </span>
            </span>
            <span>
              {word(exclusion.message)}
              <span className={`${classes.small} code`}>
                {exclusion.rule}@{exclusion.ruleVersion}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}

/** Which model and data made it, and how sure it is of the grade. */
export function Provenance({ made, engine }: { made: Recommendation; engine: string | null }) {
  const t = useTranslations('recommendation')
  const word = useReference()
  const { language } = useLanguage()
  const likely = grades.flatMap((grade) => {
    const share = made.grades[grade]
    return share === undefined || share < 0.005 ? [] : [`${grade} ${formatShare(language, share)}`]
  })
  return (
    <Disclosure label={t('made')}>
      {made.degraded ? <p className={classes.soft}>{t('degraded')}</p> : null}
      {made.explored ? <p className={classes.soft}>{t('explored')}</p> : null}
      <Facts
        items={[
          [
            t('model'),
            <span key="m" className="code">
              {made.modelVersion}
            </span>,
          ],
          [t('level'), t(`levels.${made.level}`)],
          [
            t('engine'),
            engine === null ? null : (
              <span key="e" className="code">
                {engine}
              </span>
            ),
          ],
          [t('point'), t(`points.${made.point}`)],
          [t('grades'), likely.join(' · ')],
          [
            t('seed'),
            <span key="s" className="code">
              {made.seed}
            </span>,
          ],
          ...Object.entries(made.dataVersions).map(
            ([name, version]) =>
              [
                word(humanised(name)),
                <span key={name} className="code">
                  {version}
                </span>,
              ] as const,
          ),
        ]}
      />
    </Disclosure>
  )
}
