/** Owns the hubs: where they are, what they can do, how many places they have, which unit goes to which. */
export { assignHubs } from './assign-hubs.ts'
export { chooseHubs } from './choose-hubs.ts'
export { distancesTo, locateHubs, locateIntakes, viewHubs, type HubView } from './locate-hubs.ts'
export { lockCapacity, moveCapacity } from './store.ts'
