export type Fields = Readonly<Record<string, unknown>>

/** Structured log lines; personal data and secrets never go in. */
export type Log = {
  readonly debug: (fields: Fields, message: string) => void
  readonly info: (fields: Fields, message: string) => void
  readonly warn: (fields: Fields, message: string) => void
  readonly error: (fields: Fields, message: string) => void
}

export type Metrics = {
  readonly count: (name: string, help: string, labels?: Readonly<Record<string, string>>, by?: number) => void
  readonly observe: (name: string, help: string, seconds: number, labels?: Readonly<Record<string, string>>) => void
  readonly gauge: (name: string, help: string, value: number, labels?: Readonly<Record<string, string>>) => void
  readonly text: () => Promise<string>
}
