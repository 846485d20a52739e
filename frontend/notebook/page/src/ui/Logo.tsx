/** The mark of Fanout: one task handed to four workers, one of them busy. */
export function Logo({ size = 28 }: { size?: number }) {
  return <img class="logo" src="/logo.svg" width={size} height={size} alt="" />;
}
