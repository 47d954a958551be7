'use client'
import { Kbd, Modal } from '@mantine/core'
import { useTranslations } from 'use-intl'
import type { NavItem } from '../../components/nav.ts'
import classes from './key-list.module.css'

/** Which keys there are. */
export function KeyList({ places, onClose }: { places: readonly NavItem[]; onClose: () => void }) {
  const t = useTranslations()
  return (
    <Modal opened onClose={onClose} title={t('keyboard.title')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <dl className={classes.keys}>
        <Row keys={['Ctrl', 'K']} mark="+" name={t('keyboard.openPalette')} />
        <Row keys={['?']} mark="" name={t('keyboard.openKeys')} />
        {places.flatMap(({ letter, name, href }) =>
          letter === undefined
            ? []
            : [<Row key={href} keys={['g', letter]} mark={t('keyboard.then')} name={t(`nav.${name}`)} />],
        )}
      </dl>
      <p className={classes.note}>{t('keyboard.station')}</p>
    </Modal>
  )
}

function Row({ keys, mark, name }: { keys: readonly string[]; mark: string; name: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {keys.map((key, i) => (
          <span key={key}>
            {i === 0 ? null : <span className={classes.mark}> {mark} </span>}
            <Kbd size="md">{key}</Kbd>
          </span>
        ))}
      </dd>
    </div>
  )
}
