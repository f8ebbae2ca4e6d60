interface QrCodeProps {
  /** The drawing, as SVG; null where there is only the text. */
  readonly svg: string | null;
  /** What it is, for whoever cannot see it. */
  readonly alt: string;
  /** What it says. */
  readonly text: string;
}

/** Something to be scanned, and the same in letters; bright also at night. */
export function QrCode({ svg, alt, text }: QrCodeProps) {
  return (
    <figure className="code">
      {/* as a picture, so that an SVG from elsewhere can run nothing here */}
      {svg !== null && <img src={`data:image/svg+xml,${encodeURIComponent(svg)}`} alt={alt} />}
      <figcaption>{text}</figcaption>
    </figure>
  );
}
