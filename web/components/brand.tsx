/** The mark: one line that comes back and leaves by several routes. */
export function BrandMark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="9" fill="#1a6a58" />
      <path d="M7 11h9a5 5 0 0 1 0 10h-5" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <path
        d="M13.5 17.5 10 21l3.5 3.5"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="24.5" cy="11" r="2.4" fill="#f6c052" />
    </svg>
  )
}
