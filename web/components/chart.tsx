'use client'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { init } from './echarts.ts'

type Instance = ReturnType<typeof init>
type Series = { readonly name: string; readonly values: readonly (number | null)[] }
type Props = {
  readonly label: string
  readonly kind: 'line' | 'bar'
  readonly isStacked?: boolean
  /** Bars lie on their side, one a bucket: for long names. */
  readonly isSideways?: boolean
  readonly buckets: readonly string[]
  readonly series: readonly Series[]
  readonly axis: string
  readonly format: (value: number) => string
  readonly className?: string | undefined
}

/** Colours that stay apart in both themes, also for who sees no red or green. */
const palette = {
  light: ['#1a6a58', '#c9711a', '#2f6db3', '#8a4f9e', '#7a7f1d', '#b23a48', '#3a8f98', '#6b5b4d'],
  dark: ['#6cc7aa', '#f0a55c', '#86b7ee', '#c79ad8', '#c9cd6b', '#f0919b', '#7fd0d8', '#c2b09f'],
} as const

/** A picture of figures that stand in a table beside it: who cannot see it reads them there. */
export function Chart({ className, ...figures }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light')
  const { label, kind, isStacked = false, isSideways = false, buckets, series, axis, format } = figures
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    let chart: Instance | null = null
    let isGone = false
    const observer = new ResizeObserver(() => chart?.resize())
    const draw = async () => {
      const echarts = await import('./echarts.ts')
      if (isGone) return
      chart = echarts.init(element, null, { renderer: 'svg' })
      chart.setOption(optionOf({ kind, isStacked, isSideways, buckets, series, axis, format }, scheme, element))
      observer.observe(element)
    }
    void draw()
    return () => {
      isGone = true
      observer.disconnect()
      chart?.dispose()
    }
  }, [kind, isStacked, isSideways, buckets, series, axis, format, scheme])
  return <div ref={place} role="img" aria-label={label} className={className} />
}

type Figures = Omit<Required<Props>, 'label' | 'className'>

function optionOf(figures: Figures, scheme: 'light' | 'dark', element: HTMLElement) {
  const { kind, isStacked, isSideways, buckets, series, axis, format } = figures
  const style = getComputedStyle(element)
  const [ink, line, ground] = ['--sr-ink-soft', '--sr-line', '--sr-surface'].map((name) =>
    style.getPropertyValue(name).trim(),
  )
  const words = { color: ink!, fontFamily: style.fontFamily, fontSize: 12 }
  const names = {
    type: 'category' as const,
    data: [...buckets],
    axisLabel: { ...words, hideOverlap: true },
    axisLine: { lineStyle: { color: line! } },
    axisTick: { show: false },
    ...(isSideways ? { inverse: true } : {}),
  }
  const values = {
    type: 'value' as const,
    name: axis,
    ...(isSideways
      ? { nameLocation: 'middle' as const, nameGap: 30, nameTextStyle: words }
      : { nameTextStyle: { ...words, align: 'left' as const } }),
    axisLabel: { ...words, formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: line! } },
  }
  const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches
  return {
    animation: !reduced,
    animationDuration: 250,
    color: [...palette[scheme]],
    textStyle: words,
    grid: {
      left: 8,
      right: 24,
      top: isSideways ? 8 : 40,
      bottom: series.length > 1 ? 40 : 8,
      outerBoundsMode: 'same' as const,
    },
    ...(series.length > 1
      ? {
          legend: {
            type: 'plain' as const,
            bottom: 0,
            textStyle: words,
            itemWidth: 14,
            itemHeight: 10,
            icon: 'roundRect',
          },
        }
      : {}),
    tooltip: {
      trigger: 'axis' as const,
      confine: true,
      backgroundColor: ground!,
      borderColor: line!,
      textStyle: { ...words, color: style.color },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? format(value) : '–'),
    },
    [isSideways ? 'yAxis' : 'xAxis']: names,
    [isSideways ? 'xAxis' : 'yAxis']: values,
    series: series.map(({ name, values: data }) => ({
      type: kind,
      name,
      data: [...data],
      ...(isStacked ? { stack: 'all' } : {}),
      ...(kind === 'line'
        ? { showSymbol: buckets.length < 40, symbolSize: 6, lineStyle: { width: 2 } }
        : { barMaxWidth: 28 }),
    })),
  }
}
