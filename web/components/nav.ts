import {
  BrainCircuit,
  ChartColumn,
  FileUp,
  Inbox,
  KeyRound,
  LayoutDashboard,
  Leaf,
  ListChecks,
  PackagePlus,
  ScanBarcode,
  ShieldCheck,
  SlidersHorizontal,
  UserRoundCheck,
  Users,
  Warehouse,
  Webhook,
  type LucideIcon,
} from 'lucide-react'
import { may, type Permission } from '../lib/permissions.ts'
import type { Me } from '../lib/session.ts'
import type { Messages } from '../lib/i18n.tsx'

export type NavItem = {
  readonly href: string
  readonly icon: LucideIcon
  /** Its name under `nav` in the messages. */
  readonly name: Exclude<keyof Messages['nav'], 'label' | 'narrow' | 'widen'>
  /** All of them are needed. */
  readonly permissions: readonly Permission[]
  /** The letter that goes there after `g`. */
  readonly letter?: string
}

/** All places of the desk, in the order of the rail; the palette and the keys go to the same ones. */
const items: readonly NavItem[] = [
  {
    href: '/station',
    icon: ScanBarcode,
    name: 'station',
    permissions: ['returns:check', 'returns:decide'],
    letter: 's',
  },
  { href: '/returns', icon: Inbox, name: 'returns', permissions: [], letter: 'r' },
  { href: '/returns/new', icon: PackagePlus, name: 'newReturn', permissions: ['returns:create'], letter: 'n' },
  { href: '/imports', icon: FileUp, name: 'imports', permissions: ['imports:write'], letter: 'i' },
  { href: '/hubs', icon: Warehouse, name: 'hubs', permissions: ['analytics:read'], letter: 'h' },
  { href: '/analytics', icon: ChartColumn, name: 'analytics', permissions: ['analytics:read'], letter: 'a' },
  { href: '/esg', icon: Leaf, name: 'esg', permissions: ['analytics:read'], letter: 'e' },
  { href: '/models', icon: BrainCircuit, name: 'models', permissions: ['ai:read', 'analytics:read'], letter: 'm' },
  { href: '/policies', icon: SlidersHorizontal, name: 'policies', permissions: ['analytics:read'], letter: 'p' },
  { href: '/admin', icon: LayoutDashboard, name: 'admin', permissions: ['jobs:manage'] },
  { href: '/jobs', icon: ListChecks, name: 'jobs', permissions: ['jobs:read'], letter: 'j' },
  { href: '/privacy', icon: UserRoundCheck, name: 'privacy', permissions: ['privacy:manage'] },
  { href: '/audit', icon: ShieldCheck, name: 'audit', permissions: ['audit:read'] },
  { href: '/users', icon: Users, name: 'users', permissions: ['users:manage'] },
  { href: '/keys', icon: KeyRound, name: 'keys', permissions: ['keys:manage'] },
  { href: '/webhooks', icon: Webhook, name: 'webhooks', permissions: ['webhooks:manage'] },
]

/** The places that this person may go to; none is said before it is known who asks. */
export function placesOf(me: Pick<Me, 'permissions'> | undefined): readonly NavItem[] {
  if (me === undefined) return items.filter(({ permissions }) => permissions.length === 0)
  return items.filter(({ permissions }) => permissions.every((permission) => may(me, permission)))
}
