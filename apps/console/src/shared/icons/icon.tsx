import type { SVGProps } from 'react';

export interface IconProps extends Omit<SVGProps<SVGSVGElement>, 'stroke'> {
  /** Pixels. */
  readonly size?: number;
  /** Width of the line, in a picture of 24 by 24. */
  readonly stroke?: number;
}

/** @param paths of a picture of 24 by 24, one after the other with a bar between */
export function createIcon(paths: string) {
  return function Icon({ size = 24, stroke = 2, ...rest }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={stroke}
        strokeLinecap="round"
        strokeLinejoin="round"
        {...rest}
      >
        {paths.split('|').map((path) => (
          <path key={path} d={path} />
        ))}
      </svg>
    );
  };
}
