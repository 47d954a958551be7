import { SingleBar } from 'cli-progress'
import type { ImportCounts, ImportProgress, ImportReport } from '#contracts/imports.ts'

export type Progress = { readonly show: (progress: ImportProgress) => void; readonly end: () => void }

const lineEveryMs = 5_000

/** A bar with rate and remaining time on a terminal, one line each 5 seconds elsewhere. */
export function openProgress(
  stream: NodeJS.WritableStream,
  { isQuiet, isTty }: { isQuiet: boolean; isTty: boolean },
): Progress {
  if (isQuiet) return { show: () => {}, end: () => {} }
  return isTty ? openBar(stream) : openLines(stream)
}

function openBar(stream: NodeJS.WritableStream): Progress {
  const bar = new SingleBar({
    stream,
    format: '{bar} {percentage}% | {rows} rows | {rate} rows/s | {remaining}',
    hideCursor: true,
    barsize: 30,
  })
  let isOpen = false
  return {
    show: (progress) => {
      const tokens = {
        rows: progress.rows.toLocaleString('en-IN'),
        rate: Math.round(progress.ratePerSecond).toLocaleString('en-IN'),
        remaining: remainingOf(progress),
      }
      if (!isOpen) bar.start(progress.totalBytes, progress.doneBytes, tokens)
      else bar.update(progress.doneBytes, tokens)
      isOpen = true
    },
    end: () => {
      if (isOpen) bar.stop()
      isOpen = false
    },
  }
}

function openLines(stream: NodeJS.WritableStream): Progress {
  let last: ImportProgress | null = null
  const timer = setInterval(() => {
    if (last === null) return
    const percent = Math.floor((100 * last.doneBytes) / Math.max(1, last.totalBytes))
    stream.write(
      `import: ${percent} %, ${last.rows} rows, ${Math.round(last.ratePerSecond)} rows/s, ${remainingOf(last)}\n`,
    )
  }, lineEveryMs)
  timer.unref()
  return {
    show: (progress) => {
      last = progress
    },
    end: () => clearInterval(timer),
  }
}

function remainingOf({ etaSeconds }: ImportProgress): string {
  if (etaSeconds === null) return 'time left unknown'
  const seconds = Math.ceil(etaSeconds)
  return seconds < 90 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`
}

const labels: readonly (readonly [keyof ImportCounts, string])[] = [
  ['rows', 'rows read'],
  ['accepted', 'returns recorded'],
  ['needsReview', '… of which a person must look at'],
  ['rejected', 'returns refused by policy (recorded as such)'],
  ['repeated', 'returns known before'],
  ['orderLines', 'order lines new or changed'],
  ['orderLinesUnchanged', 'order lines known before'],
  ['products', 'products new or changed'],
  ['productsUnchanged', 'products known before'],
  ['skipped', 'rows left out by the mapping'],
  ['refused', 'rows refused'],
]

export function printReport(report: ImportReport, out: { readonly write: (line: string) => void }): void {
  const { state, isDryRun, fileName, mapping, encoding, format, counts, notes } = report
  const what =
    state === 'already_imported'
      ? 'was taken in before'
      : isDryRun
        ? 'judged, nothing was written'
        : state === 'done'
          ? 'taken in'
          : 'interrupted'
  out.write(`${fileName}: ${what} (${format}, ${encoding}, mapping ${mapping})`)
  for (const [name, label] of labels)
    if (name === 'rows' || counts[name] > 0) out.write(`${String(counts[name]).padStart(9)}  ${label}`)
  for (const note of notes) out.write(`note: ${note}`)
  if (report.seconds > 0) out.write(`${report.seconds.toFixed(1)} s, ${report.rowsPerSecond} rows/s`)
}
