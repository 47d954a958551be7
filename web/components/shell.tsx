'use client'
import { ActionIcon, AppShell, Burger, Group, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  BrainCircuit,
  ChartColumn,
  Inbox,
  KeyRound,
  Leaf,
  PackagePlus,
  PanelLeftClose,
  PanelLeftOpen,
  ScanBarcode,
  ShieldCheck,
  SlidersHorizontal,
  UserRoundCheck,
  Users,
  Webhook,
  type LucideIcon,
} from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { may } from '../lib/permissions.ts'
import { useMe } from '../lib/session.ts'
import { BrandMark } from './brand.tsx'
import { LanguageMenu, ThemeSwitch } from './preferences.tsx'
import classes from './shell.module.css'

type Props = { readonly search: ReactNode; readonly account: ReactNode; readonly children: ReactNode }

/** Left rail, top bar and the page between them. */
export function Shell({ search, account, children }: Props) {
  const t = useTranslations()
  const [isOpen, menu] = useDisclosure(false)
  const [isNarrow, narrow] = useDisclosure(false)
  const me = useMe()
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: isNarrow ? 68 : 216, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      transitionDuration={120}
    >
      <AppShell.Header className={classes.header}>
        <a className="skip-link" href="#content">
          {t('app.skip')}
        </a>
        <Burger
          opened={isOpen}
          onClick={menu.toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label={t('app.menu')}
          aria-expanded={isOpen}
        />
        <Link href="/returns" className={`${classes.brand} mantine-visible-from-sm`} aria-label={t('app.name')}>
          <BrandMark />
          <span>{t('app.name')}</span>
        </Link>
        <div className={classes.spacer} />
        <div className={classes.search}>{search}</div>
        <Group gap={2} visibleFrom="sm" wrap="nowrap">
          <LanguageMenu />
          <ThemeSwitch />
        </Group>
        {account}
      </AppShell.Header>
      <AppShell.Navbar className={`${classes.rail} ${isNarrow ? classes.railNarrow : ''}`} aria-label={t('nav.label')}>
        {me.data !== undefined && may(me.data, 'returns:check') && may(me.data, 'returns:decide') ? (
          <RailLink
            href="/station"
            icon={ScanBarcode}
            label={t('nav.station')}
            isNarrow={isNarrow}
            onFollow={menu.close}
          />
        ) : null}
        <RailLink href="/returns" icon={Inbox} label={t('nav.returns')} isNarrow={isNarrow} onFollow={menu.close} />
        {me.data !== undefined && may(me.data, 'returns:create') ? (
          <RailLink
            href="/returns/new"
            icon={PackagePlus}
            label={t('nav.newReturn')}
            isNarrow={isNarrow}
            onFollow={menu.close}
          />
        ) : null}
        {me.data !== undefined && may(me.data, 'analytics:read') ? (
          <>
            <RailLink
              href="/analytics"
              icon={ChartColumn}
              label={t('nav.analytics')}
              isNarrow={isNarrow}
              onFollow={menu.close}
            />
            <RailLink href="/esg" icon={Leaf} label={t('nav.esg')} isNarrow={isNarrow} onFollow={menu.close} />
            <RailLink
              href="/models"
              icon={BrainCircuit}
              label={t('nav.models')}
              isNarrow={isNarrow}
              onFollow={menu.close}
            />
            <RailLink
              href="/policies"
              icon={SlidersHorizontal}
              label={t('nav.policies')}
              isNarrow={isNarrow}
              onFollow={menu.close}
            />
          </>
        ) : null}
        {me.data !== undefined && may(me.data, 'privacy:manage') ? (
          <RailLink
            href="/privacy"
            icon={UserRoundCheck}
            label={t('nav.privacy')}
            isNarrow={isNarrow}
            onFollow={menu.close}
          />
        ) : null}
        {me.data !== undefined && may(me.data, 'audit:read') ? (
          <RailLink href="/audit" icon={ShieldCheck} label={t('nav.audit')} isNarrow={isNarrow} onFollow={menu.close} />
        ) : null}
        {me.data !== undefined && may(me.data, 'users:manage') ? (
          <RailLink href="/users" icon={Users} label={t('nav.users')} isNarrow={isNarrow} onFollow={menu.close} />
        ) : null}
        {me.data !== undefined && may(me.data, 'keys:manage') ? (
          <RailLink href="/keys" icon={KeyRound} label={t('nav.keys')} isNarrow={isNarrow} onFollow={menu.close} />
        ) : null}
        {me.data !== undefined && may(me.data, 'webhooks:manage') ? (
          <RailLink
            href="/webhooks"
            icon={Webhook}
            label={t('nav.webhooks')}
            isNarrow={isNarrow}
            onFollow={menu.close}
          />
        ) : null}
        <Group gap={2} hiddenFrom="sm" className={classes.collapse}>
          <LanguageMenu />
          <ThemeSwitch />
        </Group>
        <ActionIcon
          className={classes.collapse}
          visibleFrom="sm"
          onClick={narrow.toggle}
          aria-label={isNarrow ? t('nav.widen') : t('nav.narrow')}
        >
          {isNarrow ? <PanelLeftOpen size={20} /> : <PanelLeftClose size={20} />}
        </ActionIcon>
      </AppShell.Navbar>
      <AppShell.Main className={classes.main} id="content" tabIndex={-1}>
        <div className={classes.content}>{children}</div>
      </AppShell.Main>
    </AppShell>
  )
}

type RailLinkProps = {
  href: string
  icon: LucideIcon
  label: string
  isNarrow: boolean
  onFollow: () => void
}

function RailLink({ href, icon: Icon, label, isNarrow, onFollow }: RailLinkProps) {
  const path = usePathname()
  const isHere = href === '/returns' ? path.startsWith('/returns') && path !== '/returns/new' : path === href
  return (
    <Tooltip label={label} position="right" disabled={!isNarrow}>
      <Link
        href={href}
        // The form alone is as heavy as all else: it is fetched when it is asked for.
        prefetch={false}
        className={classes.link}
        aria-current={isHere ? 'page' : undefined}
        aria-label={label}
        onClick={onFollow}
      >
        <Icon size={20} strokeWidth={1.9} aria-hidden />
        {isNarrow ? null : <span>{label}</span>}
      </Link>
    </Tooltip>
  )
}
