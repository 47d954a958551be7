'use client'
import { Button, Drawer, SegmentedControl, Slider, Switch, TextInput } from '@mantine/core'
import { Printer, Volume2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { LanguageMenu, ThemeSwitch } from '../../components/preferences.tsx'
import { useLanguage } from '../../lib/i18n.tsx'
import { choosePrintPort, hasPrintPort } from './print-label.ts'
import { changeSettings, useBenchSettings } from './settings.ts'
import { sound } from './sounds.ts'
import classes from './station.module.css'

/** What belongs to this bench: its sound, its printer, its scanner, its hand. */
export function SettingsPanel({ onClose }: { onClose: () => void }) {
  const t = useTranslations('station')
  const { language } = useLanguage()
  const settings = useBenchSettings()
  const sheet = `/api/station/actions.pdf?language=${language}${settings.bench === null ? '' : `&bench=${settings.bench}`}`
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={t('settings')}
      closeButtonProps={{ 'aria-label': t('close') }}
      // A header inside a drawer is no banner of the page.
      attributes={{ header: { role: 'none' } }}
    >
      <div className={classes.queue}>
        <div className={classes.narrow}>
          <LanguageMenu />
          <ThemeSwitch />
        </div>
        <p>
          {t('bench')}: <strong className="code">{settings.bench ?? '–'}</strong>
          <br />
          <span className={classes.soft}>{t('benchHint')}</span>
        </p>
        <Switch
          label={t('sound')}
          size="md"
          checked={!settings.isMuted}
          onChange={(event) => changeSettings({ isMuted: !event.currentTarget.checked })}
        />
        <div className={classes.row}>
          <Slider
            style={{ flex: 1 }}
            thumbLabel={t('volume')}
            label={null}
            disabled={settings.isMuted}
            value={settings.volume}
            onChange={(volume) => changeSettings({ volume })}
          />
          <Button variant="default" leftSection={<Volume2 size={18} />} onClick={() => sound('ok')}>
            {t('tryIt')}
          </Button>
        </div>
        <div>
          <p id="print-how">{t('printing')}</p>
          <SegmentedControl
            fullWidth
            aria-labelledby="print-how"
            value={settings.print}
            onChange={(print) => changeSettings({ print })}
            data={[
              { value: 'none', label: t('printNone') },
              { value: 'browser', label: t('printBrowser') },
              { value: 'zpl', label: t('printZpl'), disabled: !hasPrintPort() },
            ]}
          />
          {settings.print === 'zpl' ? (
            <Button variant="default" mt={8} onClick={() => void choosePrintPort().catch(() => null)}>
              {t('choosePort')}
            </Button>
          ) : null}
          {hasPrintPort() ? null : <p className={classes.soft}>{t('noPort')}</p>}
        </div>
        <Button component="a" href={sheet} target="_blank" variant="default" leftSection={<Printer size={18} />}>
          {t('sheet')}
        </Button>
        <div>
          <p id="hand">{t('hand')}</p>
          <SegmentedControl
            fullWidth
            aria-labelledby="hand"
            value={settings.hand}
            onChange={(hand) => changeSettings({ hand })}
            data={[
              { value: 'left', label: t('left') },
              { value: 'right', label: t('right') },
            ]}
          />
        </div>
        <div className={classes.fields}>
          <TextInput
            data-freetext
            label={t('prefix')}
            maxLength={8}
            value={settings.prefix}
            onChange={(event) => changeSettings({ prefix: event.currentTarget.value })}
          />
          <TextInput
            data-freetext
            label={t('suffix')}
            maxLength={8}
            value={settings.suffix}
            onChange={(event) => changeSettings({ suffix: event.currentTarget.value })}
          />
        </div>
      </div>
    </Drawer>
  )
}
