/** Owns the hubs: where they are, what they can do, how many places they have, which unit goes to which. */
export { assignHubs } from './assign-hubs.ts'
export { chooseHubs } from './choose-hubs.ts'
export { distancesTo, locateHubs, locateIntakes, viewHubs, type HubView } from './locate-hubs.ts'
export { hubListFields, hubPerformance, listHubs, previewRebalance, readCapacity, readHub } from './read-hubs.ts'
export { lockCapacity, capacityStatements, readDemoHubIds, removeHubs, removeLocations, writeHubs } from './store.ts'
export { createHub, updateHub, type HubEventData } from './update-hubs.ts'
