/** Column names are the same whatever their case, spaces, hyphens, dots and underscores. */
export function columnKey(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_.-]/g, '')
}
