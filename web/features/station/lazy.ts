'use client'
import dynamic from 'next/dynamic'

/** What is opened by a press now and then: not part of the first screen, but there before it is needed. */
const parts = {
  needs: () => import('./needs-panel.tsx'),
  settings: () => import('./settings-panel.tsx'),
  change: () => import('./change-dialog.tsx'),
  camera: () => import('./camera-dialog.tsx'),
  more: () => import('./more-panel.tsx'),
}

export const NeedsPanel = dynamic(() => parts.needs().then((file) => file.NeedsPanel), { ssr: false })
export const SettingsPanel = dynamic(() => parts.settings().then((file) => file.SettingsPanel), { ssr: false })
export const ChangeDialog = dynamic(() => parts.change().then((file) => file.ChangeDialog), { ssr: false })
export const CameraDialog = dynamic(() => parts.camera().then((file) => file.CameraDialog), { ssr: false })
export const MorePanel = dynamic(() => parts.more().then((file) => file.MorePanel), { ssr: false })
export const HubChooser = dynamic(() => import('./hub-chooser.tsx').then((file) => file.HubChooser), { ssr: false })

/** Fetched while nobody waits, so that they are here when the line is not. */
export async function fetchParts(): Promise<void> {
  await Promise.all(Object.values(parts).map((part) => part()))
}
