'use client'
import { Camera, ImagePlus, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { shotsOf } from '../../lib/inspection.ts'
import { useReference } from '../../lib/i18n.tsx'
import { type Card, missingOf } from './card.ts'
import { Key } from './key.tsx'
import type { Station } from './station.ts'
import classes from './station.module.css'
import { readOne } from './store.ts'

/** The shots that the category and the findings ask for: by camera (F8) or from a file. */
export function PhotoStrip({ card, station }: { card: Card; station: Station }) {
  const t = useTranslations('station')
  const word = useReference()
  const shots = card.rubric === null ? [] : shotsOf(card.rubric, card.report)
  if (shots.length === 0) return null
  const next = missingOf(card).shots[0]?.id
  const taken = shots.filter(({ id, isRequired }) => isRequired && card.report.photos[id] !== undefined).length
  const needed = shots.filter(({ isRequired }) => isRequired).length
  return (
    <div className={classes.photos} role="group" aria-label={t('photos')}>
      <div className={classes.photosHead}>
        <span>{needed === 0 ? t('photosOptional') : t('photosOf', { taken, needed })}</span>
        <button
          type="button"
          className={classes.take}
          data-wanted={next !== undefined || undefined}
          onClick={() => station.openCamera('photo')}
        >
          <Camera size={20} aria-hidden /> {t('take')} <Key name="F8" />
        </button>
      </div>
      <div className={classes.shots}>
        {shots.map(({ id, label, isRequired }) => {
          const ref = card.report.photos[id]
          return (
            <div
              key={id}
              className={classes.shot}
              data-next={id === next || undefined}
              data-taken={ref !== undefined || undefined}
            >
              {ref === undefined ? (
                <label>
                  <ImagePlus size={22} aria-hidden />
                  <span>{word(label)}</span>
                  <small>{isRequired ? t('needed') : t('optional')}</small>
                  <input
                    type="file"
                    accept="image/jpeg,image/png,image/webp"
                    aria-label={t('photoFile', { shot: word(label) })}
                    onChange={(event) => {
                      const [photo] = event.currentTarget.files ?? []
                      if (photo !== undefined) void station.addPhoto(photo, id)
                    }}
                  />
                </label>
              ) : (
                <>
                  <Preview photoRef={ref} alt={word(label)} />
                  <span className={classes.shotName}>{word(label)}</span>
                  <button
                    type="button"
                    aria-label={t('removePhoto', { shot: word(label) })}
                    onClick={() => station.dropPhoto(id)}
                  >
                    <Trash2 size={18} aria-hidden />
                  </button>
                </>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** The photo as it is kept on this device; the server's copy once it is not. */
function Preview({ photoRef, alt }: { photoRef: string; alt: string }) {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    let made: string | null = null
    let isGone = false
    const show = async () => {
      const photo = await readOne('photos', photoRef.slice('local:'.length))
      if (photo === null || isGone) return
      made = URL.createObjectURL(photo.blob)
      setUrl(made)
    }
    void show()
    return () => {
      isGone = true
      if (made !== null) URL.revokeObjectURL(made)
    }
  }, [photoRef])
  return url === null ? <span className={classes.blank} /> : <img src={url} alt={alt} />
}
