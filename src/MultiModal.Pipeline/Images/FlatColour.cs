namespace MultiModal.Pipeline.Images;

/// <summary>
/// The rule by which engines send PNG or JPEG, applied to the shrunk image: where at least half of all pixels have exactly
/// the colour of their left neighbour it is a flat-colour picture and PNG keeps its edges. Measured at 1,024 pixels: 16
/// screenshots and diagrams have 63 to 97 % such pixels, 4 photograph-like pictures (few, and two of them drawn by us) 1 to 14 %: noise makes neighbours differ.
/// </summary>
public static class FlatColour
{
    /// <summary>From this share of pixels on that are like their left neighbour.</summary>
    public const double Share = 0.5;
}
