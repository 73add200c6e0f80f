namespace AzureOpenAISimulator.Pictures;

/// <summary>
/// Output tokens of a picture. No table is published for gpt-image-2 and later: these are such as make the prices that others report at 30 USD a
/// million (1024 × 1024: low 0.005 to 0.006, medium 0.03 to 0.043, high 0.21 USD), and in proportion to the pixels. Of the qualities above high
/// nothing is known; each is taken to cost twice the one below.
/// </summary>
public static class PictureTokens
{
    private const long Square = 1024 * 1024;

    public static int Of(PictureSize size, string quality) => (int)((size.Pixels * AtSquare(quality) + Square - 1) / Square);

    private static int AtSquare(string quality) => quality switch
    {
        "low" => 196,
        "medium" => 1_225,
        "high" => 7_000,
        "xhigh" => 14_000,
        _ => 28_000,
    };
}
