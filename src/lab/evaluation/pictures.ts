import { LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

echarts.use([LineChart, ScatterChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

export type Curve = {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
  readonly isDashed?: boolean
  readonly hasDots?: boolean
}
export type Picture = {
  readonly title: string
  readonly x: { readonly name: string; readonly min?: number; readonly max?: number }
  readonly y: { readonly name: string; readonly min?: number; readonly max?: number }
  readonly isPercent: { readonly x: boolean; readonly y: boolean }
  readonly curves: readonly Curve[]
}

const size = { width: 720, height: 440 }
/** Okabe and Ito's colours, told apart by colour-blind people too. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#444444']

function axis({ name, min, max }: Picture['x'], isPercent: boolean) {
  return {
    type: 'value' as const,
    name,
    nameLocation: 'middle' as const,
    nameGap: isPercent ? 44 : 40,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    axisLabel: { formatter: (value: number) => (isPercent ? `${Number((value * 100).toFixed(2))} %` : String(value)) },
  }
}

/** An SVG document of some curves over named axes, on white. */
export function pictureSvg({ title, x, y, isPercent, curves }: Picture): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      color: colours,
      title: { text: title, left: 16, top: 10, textStyle: { fontSize: 15 } },
      legend: { top: 40, left: 16, itemWidth: 18 },
      grid: { left: 84, right: 28, top: 84, bottom: 64 },
      xAxis: { ...axis(x, isPercent.x), nameGap: 32 },
      yAxis: { ...axis(y, isPercent.y), nameGap: 58 },
      series: curves.map((curve) => ({
        type: 'line' as const,
        name: curve.name,
        data: curve.points.map(([a, b]) => [a, b]),
        showSymbol: curve.hasDots === true,
        symbolSize: 7,
        lineStyle: { width: 2, type: curve.isDashed ? ('dashed' as const) : ('solid' as const) },
      })),
    })
    return chart.renderToSVGString()
  } finally {
    // Without it the timers of the chart keep the process.
    chart.dispose()
  }
}
