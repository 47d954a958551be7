'use client'
import { Button, Modal } from '@mantine/core'
import { Camera, Flashlight, ImagePlus } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { openReader } from './code-reader.ts'
import classes from './station.module.css'

type Props = {
  readonly kind: 'photo' | 'scan'
  readonly onPhoto: (photo: Blob) => void
  readonly onCode: (text: string) => void
  readonly onClose: () => void
}
type Torch = MediaTrackConstraintSet & { torch: boolean }

const lookEveryMs = 150

/** The live picture: for a photo of the unit, or to read a code where there is no scanner. */
export function CameraDialog({ kind, onPhoto, onCode, onClose }: Props) {
  const t = useTranslations('station')
  const video = useRef<HTMLVideoElement>(null)
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [isRefused, setIsRefused] = useState(false)
  const [isLit, setIsLit] = useState(false)
  useEffect(() => {
    let opened: MediaStream | null = null
    let isGone = false
    const wanted = { video: { facingMode: 'environment', width: { ideal: 1920 } }, audio: false }
    const open = async () => {
      // Without a safe origin there is no such thing as `mediaDevices`.
      const devices = navigator.mediaDevices as MediaDevices | undefined
      if (devices === undefined) throw new Error('no camera')
      opened = await devices.getUserMedia(wanted)
      if (isGone) for (const track of opened.getTracks()) track.stop()
      else setStream(opened)
    }
    void open().catch(() => setIsRefused(true))
    return () => {
      isGone = true
      for (const track of opened?.getTracks() ?? []) track.stop()
    }
  }, [])
  useEffect(() => {
    if (video.current !== null && stream !== null) video.current.srcObject = stream
  }, [stream])
  useEffect(() => {
    if (kind !== 'scan' || stream === null) return undefined
    return readCodes(video, onCode)
  }, [kind, stream, onCode])

  const track = stream?.getVideoTracks()[0]
  const hasTorch = (track?.getCapabilities() as { torch?: boolean } | undefined)?.torch === true
  const snap = async () => {
    const from = video.current
    if (from === null || from.videoWidth === 0) return
    const canvas = new OffscreenCanvas(from.videoWidth, from.videoHeight)
    canvas.getContext('2d')?.drawImage(from, 0, 0)
    onPhoto(await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 }))
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={kind === 'photo' ? t('photoTitle') : t('scanTitle')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className={classes.dialog}>
        {isRefused ? (
          <p role="alert" className={classes.review}>
            {kind === 'photo' ? t('cameraRefusedPhoto') : t('cameraRefusedScan')}
          </p>
        ) : (
          <video ref={video} className={classes.video} autoPlay playsInline muted aria-label={t('picture')} />
        )}
        <div className={classes.row}>
          {kind === 'photo' && !isRefused ? (
            <Button
              size="lg"
              data-autofocus
              leftSection={<Camera size={20} />}
              onClick={() => void snap()}
              disabled={stream === null}
            >
              {t('snap')}
            </Button>
          ) : null}
          {kind === 'photo' ? (
            <Button size="lg" variant="default" component="label" leftSection={<ImagePlus size={20} />}>
              {t('fromFile')}
              <input
                type="file"
                hidden
                accept="image/jpeg,image/png,image/webp"
                onChange={(event) => {
                  const [photo] = event.currentTarget.files ?? []
                  if (photo !== undefined) onPhoto(photo)
                }}
              />
            </Button>
          ) : null}
          {hasTorch && track !== undefined ? (
            <Button
              variant="default"
              aria-pressed={isLit}
              leftSection={<Flashlight size={18} />}
              onClick={() => {
                setIsLit(!isLit)
                void track.applyConstraints({ advanced: [{ torch: !isLit } as Torch] })
              }}
            >
              {t('torch')}
            </Button>
          ) : null}
        </div>
      </div>
    </Modal>
  )
}

/** Looks at the picture several times a second until a code is read. */
function readCodes(video: { readonly current: HTMLVideoElement | null }, onCode: (text: string) => void): () => void {
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const reading = openReader()
  const look = async () => {
    const reader = await reading
    const picture = video.current
    if (isOver || picture === null) return
    const text = picture.videoWidth === 0 ? null : await reader(picture)
    if (isOver) return
    if (text === null) timer = setTimeout(() => void look(), lookEveryMs)
    else onCode(text)
  }
  void look()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
