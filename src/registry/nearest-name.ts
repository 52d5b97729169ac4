export { nearestName } from '../domain/nearest-name.ts'
