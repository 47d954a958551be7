'use client'
import { Title } from '@mantine/core'
import { Banknote, ClipboardCheck, Leaf } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { BrandMark } from '../../components/brand.tsx'
import { LanguageMenu, ThemeSwitch } from '../../components/preferences.tsx'
import classes from './login-page.module.css'
import { RoutePicture } from './route-picture.tsx'

/** What stands around everything that is asked of somebody who is not in yet. */
export function EntryFrame({ title, children }: { title: string; children: ReactNode }) {
  const t = useTranslations()
  return (
    <div className={classes.page}>
      <aside className={classes.story}>
        <div className={classes.brand}>
          <BrandMark size={36} />
          {t('app.name')}
        </div>
        <RoutePicture className={classes.routes} />
        <div>
          <p className={classes.tagline}>{t('app.tagline')}</p>
          <ul className={classes.points} style={{ marginTop: 28 }}>
            <li>
              <Banknote size={20} aria-hidden /> {t('login.points.value')}
            </li>
            <li>
              <ClipboardCheck size={20} aria-hidden /> {t('login.points.grade')}
            </li>
            <li>
              <Leaf size={20} aria-hidden /> {t('login.points.carbon')}
            </li>
          </ul>
        </div>
      </aside>
      <main className={classes.side}>
        <div className={classes.tools}>
          <div className={classes.small}>
            <BrandMark />
            {t('app.name')}
          </div>
          <LanguageMenu />
          <ThemeSwitch />
        </div>
        <div className={classes.form}>
          <Title order={1}>{title}</Title>
          {children}
        </div>
      </main>
    </div>
  )
}
