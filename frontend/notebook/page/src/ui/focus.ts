/**
 * For the mouse on a button that may go or be disabled once it is pressed: the focus stays
 * where it is, and does not fall to nothing.
 */
export const keepFocus = (e: MouseEvent): void => e.preventDefault();
