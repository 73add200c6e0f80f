namespace AzureOpenAISimulator.Metering;

/// <summary>How a model counts an image. Rules of https://platform.openai.com/docs/guides/images-vision#calculating-costs, written from that page alone.</summary>
public abstract record ImageTokenRule
{
    /// <param name="width">Pixels, as the file's header says.</param>
    /// <param name="height">Pixels, as the file's header says.</param>
    /// <param name="lowDetail"><c>detail: low</c>; <c>auto</c> is counted as high.</param>
    public abstract int Tokens(int width, int height, bool lowDetail);
}
