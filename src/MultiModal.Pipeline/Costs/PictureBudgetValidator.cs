using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Costs;

/// <summary>Stops the host at its start if pictures are made within a budget and nobody has said what one of them may take.</summary>
internal sealed class PictureBudgetValidator(IOptions<AiOptions> ai) : IValidateOptions<BudgetOptions>
{
    public ValidateOptionsResult Validate(string? name, BudgetOptions options) => options.IsSet && Unbounded
        ? ValidateOptionsResult.Fail(
            $"{AiOptions.Section}:{nameof(AiOptions.ImageGeneration)}:{nameof(ImageGenerationOptions.MaxUsd)} must be set where there is a budget: it is "
                + "what a picture takes from the budget before it is made.")
        : ValidateOptionsResult.Success;

    private bool Unbounded
    {
        get
        {
            try
            {
                return ai.Value.ImageGeneration is { AsksModel: true, MaxUsd: null };
            }
            catch (OptionsValidationException)
            {
                // What is wrong with section Ai is said by its own check.
                return false;
            }
        }
    }
}
