namespace AzureOpenAISimulator.Metering;

/// <summary>
/// How a model counts an image. Written from OpenAI's page alone: developers.openai.com/api/docs/guides/images-vision, "Calculating costs",
/// as it stood in August and September 2026 (the rejection of more than 30,000 patches is of September).
/// </summary>
public abstract record ImageTokenRule
{
    /// <param name="width">Pixels, as the file's header says.</param>
    /// <param name="height">Pixels, as the file's header says.</param>
    /// <param name="detail">As the request says.</param>
    /// <returns>Input tokens; null where the service rejects the image.</returns>
    public abstract int? Tokens(int width, int height, ImageDetail detail);
}
