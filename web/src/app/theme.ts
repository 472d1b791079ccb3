import { createTheme, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#eef6f7",
  "#d9e9ec",
  "#b3d3d9",
  "#86b9c2",
  "#5d9fab",
  "#3d8794",
  "#226f7e",
  "#0f5a6b",
  "#0f4c5c",
  "#0a3844",
];

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: 7,
  colors: { petrol },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  defaultRadius: "sm",
  respectReducedMotion: true,
  focusRing: "auto",
});
