'use client'
import { useRouter } from 'next/navigation'
import indiaMap from '@svg-maps/india'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import type { BoardHub } from '../../../src/contracts/hub-board.ts'
import { formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import classes from './hubs.module.css'
import { levelOf, shareOf } from './load.ts'
import { placeLabels, pointOf } from './map-places.ts'

// Its types say nothing of what is in it.
const india = indiaMap as { readonly viewBox: string; readonly locations: readonly { id: string; path: string }[] }
const radii = { least: 7, most: 18 } as const

/** A picture of what the table says: size is the limit, colour and figure the load. A mark opens its hub. */
export default function IndiaMap({ hubs }: { hubs: readonly BoardHub[] }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const router = useRouter()
  const marks = useMemo(() => {
    const largest = Math.max(1, ...hubs.map(({ capacity }) => capacity))
    // Large ones first, so that a small one lies on top and can be reached.
    return hubs
      .map((hub) => ({
        id: hub.id,
        hub,
        ...pointOf(hub),
        radius: radii.least + (radii.most - radii.least) * Math.sqrt(hub.capacity / largest),
        text: `${hub.code} ${formatShare(language, shareOf(hub))}`,
      }))
      .toSorted((a, b) => b.radius - a.radius)
  }, [hubs, language])
  const labels = useMemo(() => placeLabels(marks), [marks])
  return (
    <svg className={classes.map} viewBox={india.viewBox} role="img" aria-label={t('mapLabel', { count: hubs.length })}>
      <g className={classes.states}>
        {india.locations.map(({ id, path }) => (
          <path key={id} d={path} />
        ))}
      </g>
      {marks.map(({ hub, x, y, radius, text }, i) => (
        <g key={hub.id} className={classes.mark} onClick={() => router.push(`/hubs/${hub.id}`)}>
          <title>{t('mapMark', { code: `${hub.code} ${hub.name}`, share: formatShare(language, shareOf(hub)) })}</title>
          <circle cx={x} cy={y} r={radius} className={classes[levelOf(shareOf(hub))]} />
          <text x={labels[i]?.x} y={labels[i]?.y} dominantBaseline="central">
            {text}
          </text>
        </g>
      ))}
    </svg>
  )
}
