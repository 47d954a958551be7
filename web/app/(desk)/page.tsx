import { RoleHome } from '../../features/session/role-home.tsx'

export default function Page() {
  return <RoleHome />
}
