/** One stream of returns that parts into routes: the picture of what the program does. */
export function RoutePicture({ className }: { className: string | undefined }) {
  const ends = [30, 90, 150, 210, 270]
  return (
    <svg className={className} viewBox="0 0 520 300" fill="none" aria-hidden focusable="false">
      {ends.map((y, index) => (
        <path
          key={y}
          d={`M0 150 H150 C 250 150 250 ${y} 350 ${y} H500`}
          stroke={index === 1 ? '#f6c052' : '#8fd2ba'}
          strokeOpacity={index === 1 ? 1 : 0.45}
          strokeWidth={index === 1 ? 5 : 3}
          strokeLinecap="round"
        />
      ))}
      <circle cx="150" cy="150" r="13" fill="#0d3d33" stroke="#eef7f3" strokeWidth="4" />
      {ends.map((y, index) => (
        <circle key={y} cx="500" cy={y} r={index === 1 ? 11 : 7} fill={index === 1 ? '#f6c052' : '#8fd2ba'} />
      ))}
      {[20, 58, 96].map((x) => (
        <rect key={x} x={x} y="139" width="22" height="22" rx="5" fill="#eef7f3" fillOpacity="0.92" />
      ))}
    </svg>
  )
}
