import classes from './station.module.css'

/** The key that does the same as the button it stands on. */
export function Key({ name }: { name: string }) {
  return (
    <kbd className={classes.key} aria-hidden>
      {name}
    </kbd>
  )
}
