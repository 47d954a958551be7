import { benchSettings } from './settings.ts'

export type Tone = 'ok' | 'bad' | 'attention'
/** Frequency in hertz, start and length in milliseconds. */
type Note = readonly [hertz: number, startMs: number, lengthMs: number]

export const tones: Readonly<Record<Tone, readonly Note[]>> = {
  ok: [[880, 0, 80]],
  bad: [
    [220, 0, 140],
    [220, 200, 140],
  ],
  attention: [
    [660, 0, 90],
    [880, 100, 110],
  ],
}
const vibrations: Readonly<Record<Tone, readonly number[]>> = { ok: [30], bad: [90, 60, 90], attention: [50, 40, 50] }

let audio: AudioContext | null = null

/** A page may sound only after somebody used it: before that it stays silent. */
export function sound(tone: Tone): void {
  const { isMuted, volume } = benchSettings()
  if (navigator.userActivation.hasBeenActive) navigator.vibrate?.([...vibrations[tone]])
  if (isMuted || volume === 0) return
  audio ??= new AudioContext()
  if (audio.state === 'suspended') void audio.resume()
  for (const [hertz, startMs, lengthMs] of tones[tone]) {
    const start = audio.currentTime + startMs / 1000
    const oscillator = audio.createOscillator()
    const gain = audio.createGain()
    oscillator.frequency.value = hertz
    gain.gain.setValueAtTime((volume / 100) * 0.5, start)
    gain.gain.setTargetAtTime(0, start + lengthMs / 1000, 0.008)
    oscillator.connect(gain).connect(audio.destination)
    oscillator.start(start)
    oscillator.stop(start + lengthMs / 1000 + 0.06)
  }
}
