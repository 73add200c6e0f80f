using System.Globalization;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Costs;

/// <summary>What a picture may cost. What it did cost is known from its answer.</summary>
internal sealed class PicturePrice(PriceBook prices, IOptions<AiOptions> options, TimeProvider time)
{
    private static readonly Usage AnyPicture = new(InputTokens: 1, OutputTokens: 1, ImageOutputTokens: 1);

    /// <summary>What a picture is expected to cost, in USD.</summary>
    /// <returns>Null where its price, or what it uses, is not known.</returns>
    public decimal? ExpectedUsd(IPictureEngine engine, PictureRequest request)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.Estimate(request) is { } estimate ? prices.PriceOf(engine.Identity, estimate.Expected, time.GetUtcNow()) : null;
    }

    /// <summary>What is reserved for a picture, in USD.</summary>
    /// <returns>The amount, or <c>model-unpriced</c>, or <c>budget-exceeded</c> where the picture is expected to cost more than one may.</returns>
    public Outcome<decimal> ReservedUsd(IPictureEngine engine, PictureRequest request)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(request);
        if (prices.PriceOf(engine.Identity, AnyPicture, time.GetUtcNow()) is null)
        {
            return new Failure(
                FailureCodes.ModelUnpriced,
                $"{engine.Identity.Name} has no price, and no picture is made without one. Add its price to Costs:PriceBook, or set "
                    + "Ai:ImageGeneration:ModelFamily.");
        }

        var most = options.Value.ImageGeneration.MaxUsd;
        if (ExpectedUsd(engine, request) is not { } expected)
        {
            return most is { } limit ? limit : new Failure(
                FailureCodes.ModelUnpriced,
                $"What {engine.Identity.Name} uses for a picture of quality \"{request.Quality}\" is not known. Set Ai:ImageGeneration:MaxUsd to what is "
                    + "to be reserved for it.");
        }

        return expected <= (most ?? expected) ? most ?? expected : new Failure(
            FailureCodes.BudgetExceeded,
            string.Create(
                CultureInfo.InvariantCulture,
                $"A picture of {request.Size} in quality \"{request.Quality}\" is expected to cost {expected:0.######} USD, which is more than Ai:ImageGeneration:MaxUsd ({most:0.######} USD) allows. Ask for a smaller one or a lower quality, or raise the limit."));
    }
}
