'use client'
import { ActionIcon, FileButton, Loader, UnstyledButton } from '@mantine/core'
import { Camera, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useProblemText } from '../../components/problem-note.tsx'
import { useReference } from '../../lib/i18n.tsx'
import { storePhoto } from './api.ts'
import classes from './quality.module.css'
import type { Report, Shot } from '../../lib/inspection.ts'

type Props = {
  readonly shots: readonly Shot[]
  readonly photos: Report['photos']
  readonly onChange: (shot: string, fileId: string | null) => void
  readonly onBusy: (step: 1 | -1) => void
}

export function PhotoShots({ shots, ...rest }: Props) {
  const t = useTranslations('quality')
  if (shots.length === 0) return null
  return (
    <fieldset className={classes.fieldset}>
      <legend className={classes.legend}>{t('photos')}</legend>
      <div className={classes.shots}>
        {shots.map((shot) => (
          <ShotTile key={shot.id} shot={shot} {...rest} />
        ))}
      </div>
    </fieldset>
  )
}

function ShotTile({ shot, photos, onChange, onBusy }: Omit<Props, 'shots'> & { readonly shot: Shot }) {
  const t = useTranslations('quality')
  const wordProblem = useProblemText()
  const label = useReference()(shot.label)
  const [preview, setPreview] = useState<string | null>(null)
  const [isUploading, setIsUploading] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  useEffect(
    () => () => {
      if (preview !== null) URL.revokeObjectURL(preview)
    },
    [preview],
  )

  const take = async (photo: File | null) => {
    if (photo === null) return
    setFault(null)
    setPreview(URL.createObjectURL(photo))
    setIsUploading(true)
    onBusy(1)
    try {
      onChange(shot.id, await storePhoto(photo, crypto.randomUUID()))
    } catch (error) {
      setPreview(null)
      setFault(wordProblem(error).detail)
    } finally {
      setIsUploading(false)
      onBusy(-1)
    }
  }

  const isTaken = photos[shot.id] !== undefined
  return (
    <div>
      <div className={classes.shot} data-taken={isTaken || undefined}>
        {preview === null ? (
          <FileButton
            accept="image/jpeg,image/png,image/webp"
            capture="environment"
            onChange={(photo) => void take(photo)}
          >
            {(props) => (
              <UnstyledButton {...props} className={classes.take}>
                <Camera size={22} aria-hidden />
                <span>{label}</span>
                <small>{shot.isRequired ? t('photoRequired') : t('photoTake')}</small>
              </UnstyledButton>
            )}
          </FileButton>
        ) : (
          <>
            <img src={preview} alt={t('photoAlt', { shot: label })} />
            <span className={classes.label}>
              {isUploading ? <Loader size={12} color="white" aria-label={t('photoUploading')} /> : null} {label}
            </span>
            {isUploading ? null : (
              <ActionIcon
                variant="filled"
                color="dark"
                size={36}
                className={classes.remove}
                aria-label={t('photoRemove', { shot: label })}
                onClick={() => {
                  setPreview(null)
                  onChange(shot.id, null)
                }}
              >
                <Trash2 size={16} />
              </ActionIcon>
            )}
          </>
        )}
      </div>
      {fault === null ? null : (
        <p role="alert" className={classes.soft} style={{ color: 'var(--mantine-color-error)' }}>
          {t('photoFailed', { detail: fault })}
        </p>
      )}
    </div>
  )
}
