using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Images;

public sealed class LegiblePlanTests
{
    private const int NoCeiling = int.MaxValue;

    private static readonly (int Width, int Height) Screen = (2560, 1440);

    private static readonly LegiblePlan Usual = new(1024, ImageDetail.Auto);

    [Theory]
    [InlineData(0)]
    [InlineData(LegiblePlan.LeastHeight * 2.5)]
    [InlineData(80)]
    public void An_image_without_text_or_with_text_that_stays_legible_is_sent_as_usual(double height) =>
        Assert.Same(Usual, LegiblePlan.Choose(Screen, height, Usual, Model("gpt-4.1-mini"), NoCeiling));

    [Theory]
    [InlineData("gpt-4.1-mini")]
    [InlineData("gpt-5.6-luna")]
    public void Small_text_is_sent_as_large_as_it_must_be_and_no_larger(string name)
    {
        var model = Model(name);
        var plan = LegiblePlan.Choose(Screen, 8, Usual, model, NoCeiling);
        Assert.Null(plan.Shortfall);
        Assert.True(8.0 * plan.Edge / 2560 >= LegiblePlan.LeastHeight);
        var least = VisionTokens.AtEdge(2560, 1440, (int)Math.Ceiling(2560 * LegiblePlan.LeastHeight / 8));
        Assert.Equal(model.Count(least, plan.Detail), model.Count(VisionTokens.AtEdge(2560, 1440, plan.Edge), plan.Detail));
        Assert.True(model.Count(VisionTokens.AtEdge(2560, 1440, plan.Edge + 1), plan.Detail) > model.Count(least, plan.Detail));
    }

    [Fact]
    public void An_image_for_low_detail_is_sent_in_high_detail_if_its_text_needs_it()
    {
        var plan = LegiblePlan.Choose((1400, 700), 10, new LegiblePlan(512, ImageDetail.Low), Model("gpt-4o"), NoCeiling);
        Assert.Equal((ImageDetail.High, null), (plan.Detail, plan.Shortfall));
        Assert.True(10.0 * plan.Edge / 1400 >= LegiblePlan.LeastHeight);
    }

    [Fact]
    public void Text_that_is_too_small_in_the_original_makes_the_original_be_sent_whole() =>
        Assert.Equal(new LegiblePlan(1500, ImageDetail.Auto), LegiblePlan.Choose((1500, 900), 4, Usual, Model("gpt-4.1-mini"), NoCeiling));

    [Fact]
    public void The_ceiling_of_tokens_keeps_the_image_as_large_as_it_allows_and_the_plan_says_why()
    {
        var model = Model("gpt-4.1-mini");
        var plan = LegiblePlan.Choose(Screen, 8, Usual, model, maxTokens: 1600);
        Assert.InRange(model.Count(VisionTokens.AtEdge(2560, 1440, plan.Edge), plan.Detail), 1500, 1600);
        Assert.EndsWith("of the 4.3 pixels that they need, because Images:MaxTokens allows 1,600.", plan.Shortfall, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1200)]
    public void A_ceiling_at_which_the_text_stays_far_too_small_leaves_the_image_as_usual(int maxTokens)
    {
        var plan = LegiblePlan.Choose(Screen, 8, Usual, Model("gpt-4.1-mini"), maxTokens);
        Assert.Equal((Usual.Edge, Usual.Detail), (plan.Edge, plan.Detail));
        Assert.NotNull(plan.Shortfall);
    }

    [Fact]
    public void An_image_that_the_model_sees_too_small_is_sent_as_large_as_it_sees_it_and_the_plan_says_why()
    {
        var plan = LegiblePlan.Choose((1000, 12_000), 24, new LegiblePlan(1020, ImageDetail.Auto), Model("gpt-4.1-mini"), NoCeiling);
        Assert.Equal(2048, plan.Edge);
        Assert.EndsWith("because the model sees images no larger.", plan.Shortfall, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_published_rule_is_sent_images_of_2048_pixels_at_most()
    {
        var model = ImageReader.OfModel(null);
        Assert.Equal(2048, LegiblePlan.Choose((6000, 4000), 12, Usual, model, maxTokens: 1).Edge);
        Assert.Equal(1376, LegiblePlan.Choose(Screen, 8, Usual, model, maxTokens: 1).Edge);
    }

    [Fact]
    public void A_program_of_this_machine_is_given_what_it_needs() =>
        Assert.Equal(12_000, LegiblePlan.Choose((1000, 12_000), 8, new LegiblePlan(1020, ImageDetail.Auto), ImageReader.Here, maxTokens: 1).Edge);

    private static ImageReader Model(string name) => ImageReader.OfModel(ModelFamilies.BuiltIn.ChatOf(name, ModelFamilies.UnknownServiceChat).Images);
}
